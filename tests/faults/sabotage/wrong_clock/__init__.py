"""What a process needs beside a wrong clock; its folder stands in PYTHONPATH."""
