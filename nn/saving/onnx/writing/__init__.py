"""Models to ONNX files."""
