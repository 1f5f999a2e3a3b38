"""Spectra and topographies of groups: tables of what the EEG shows by itself."""
