"""What people write in a study file: its text, its folders, its mistakes."""
