"""An organisation's policy on permissions, as a plugin that can only refuse."""
