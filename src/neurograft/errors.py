"""Every exception the package raises, in one tree.

PackageError
├── DataError            the files are not what they claim to be
│   ├── ChannelError     a channel is missing, duplicated or has no position
│   └── UnitError        amplitudes are not plausible microvolts
├── WriteError           a result cannot be written: disk full, no permission
├── ConfigError          a setting is invalid or contradicts another
├── DesignError          the way people were recorded cannot answer the question
└── LeakageError         one subject appears on both sides of a split
"""


class PackageError(Exception):
    """Base class; catch this to catch everything raised on purpose."""


class DataError(PackageError):
    """The files are not what they claim to be."""


class ChannelError(DataError):
    """A channel is missing, duplicated or has no position."""


class UnitError(DataError):
    """Amplitudes are not plausible microvolts."""


class WriteError(PackageError):
    """A result cannot be written: disk full, no permission."""


class ConfigError(PackageError):
    """A setting is invalid or contradicts another."""


class DesignError(PackageError):
    """The way people were recorded cannot answer the question."""


class LeakageError(PackageError):
    """One subject appears on both sides of a split."""
