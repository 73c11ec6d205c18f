# lib/
