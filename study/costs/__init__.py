"""How long things take, measured side by side: see README.md."""
