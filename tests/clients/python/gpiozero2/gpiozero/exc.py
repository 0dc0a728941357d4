"""The exceptions of pins and factories."""


class GPIOZeroError(Exception):
    pass


class BadPinFactory(GPIOZeroError, ImportError):
    pass


class GPIOPinInUse(GPIOZeroError):
    pass


class PinError(GPIOZeroError):
    pass


class PinInvalidFunction(PinError, ValueError):
    pass


class PinInvalidState(PinError, ValueError):
    pass


class PinInvalidPull(PinError, ValueError):
    pass


class PinInvalidEdges(PinError, ValueError):
    pass


class PinInvalidBounce(PinError, ValueError):
    pass


class PinSetInput(PinError, AttributeError):
    pass


class PinFixedPull(PinError, AttributeError):
    pass


class PinPWMUnsupported(PinError, AttributeError):
    pass


class PinPWMFixedValue(PinError, AttributeError):
    pass


class PinSPIUnsupported(PinError, AttributeError):
    pass


class PinInvalidPin(PinError, ValueError):
    pass
