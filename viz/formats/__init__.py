"""A picture in each output format: DOT, SVG, text, Mermaid, JSON, HTML. All of them write the same model."""
