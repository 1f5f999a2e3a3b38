"""The local page: what the commands do, for those who never open a terminal.

It holds no logic of its own about EEG: work runs in processes of the existing stages.
"""
