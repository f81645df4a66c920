"""What the chapters sum up: one module a chapter, whose functions the chapter calls.

A chapter shows figures and tables; the numbers in its sentences come from here, where they are
tested, and reach the sentence by `text.say`.
"""
