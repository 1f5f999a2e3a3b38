"""What the EEG of groups shows before any classifier: spectra and topographies."""
