"""Lists of people and of facilities, brought in from CSV and XLSX files."""
