"""What mends each kind of finding."""
