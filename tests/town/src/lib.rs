//! The whole town as real programs on loopback: folders, keys, settings, start, stop.
