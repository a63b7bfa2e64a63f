"""The thread of everything between some facilities: the collaboration, its proposal and its parties."""
