"""The bridge to Julia: `interface = "julia-bridge"`."""
