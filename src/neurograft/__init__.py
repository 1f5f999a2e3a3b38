"""Pretrain EEG encoders on public recordings, transfer them, say what it bought."""
