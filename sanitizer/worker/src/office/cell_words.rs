//! What the numbers of binary cell formats stand for: old and new binary workbooks share them.

/// Lines of an edge.
pub(super) const EDGES: [&str; 14] = [
    "none",
    "thin",
    "medium",
    "dashed",
    "dotted",
    "thick",
    "double",
    "hair",
    "mediumDashed",
    "dashDot",
    "mediumDashDot",
    "dashDotDot",
    "mediumDashDotDot",
    "slantDashDot",
];

/// Patterns of a filling.
pub(super) const PATTERNS: [&str; 19] = [
    "none",
    "solid",
    "mediumGray",
    "darkGray",
    "lightGray",
    "darkHorizontal",
    "darkVertical",
    "darkDown",
    "darkUp",
    "darkGrid",
    "darkTrellis",
    "lightHorizontal",
    "lightVertical",
    "lightDown",
    "lightUp",
    "lightGrid",
    "lightTrellis",
    "gray125",
    "gray0625",
];

/// Places across a cell.
pub(super) const HORIZONTAL: [&str; 8] =
    ["general", "left", "center", "right", "fill", "justify", "centerContinuous", "distributed"];

/// Places up and down a cell.
pub(super) const VERTICAL: [&str; 5] = ["top", "center", "bottom", "justify", "distributed"];
