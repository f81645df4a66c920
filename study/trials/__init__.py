"""Trials of what is promised: no kill loses a result, and no damage is taken for one."""
