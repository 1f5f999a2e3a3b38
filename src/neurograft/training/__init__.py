"""The loop, schedules and checkpoints shared by everything that learns by gradient."""
