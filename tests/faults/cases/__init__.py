"""One module for each fault: ``FAULT`` says what it is called, promised and done."""
