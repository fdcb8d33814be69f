"""Where a NaN or an infinity came from: as it happens, by `detect_anomaly`; after the fact, by `nonfinite_origin`."""

from autograd.anomaly.faults import EdgeFault, ValueFault
from autograd.anomaly.origin import NonfiniteOrigin, nonfinite_origin
from autograd.anomaly.watch import detect_anomaly

__all__ = ["EdgeFault", "NonfiniteOrigin", "ValueFault", "detect_anomaly", "nonfinite_origin"]
