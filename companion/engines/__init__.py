"""Adapters to what hears, thinks, speaks and makes sound; one third-party engine a file."""

import os

# From 1.29 on, ONNX Runtime sends usage events to its maker and keeps an identifier of the device, unless this is set
# before it is imported: see its Privacy.md. Nothing here may do that, whatever the user's environment says.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
