"""The version of this package: that of the gateway which it is released with."""

VERSION = "0.2.0"
