"""Peers of another environment: each module is a program that prints the seconds it took."""
