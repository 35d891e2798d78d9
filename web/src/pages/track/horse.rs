//! The horse, as paths on a field of 100 by 64: absolute `M`, `L`, `C` and `Z` only, so that pictures that are no SVG
//! can draw it as well. Must never: name a colour.

/// Its far legs, drawn fainter.
pub const FAR: &str = "M63 34C69 37 75 38 80 42L86 47.5L90 47L91.5 49.5L84.5 51L77 46C71 44 64 43 60 40ZM26 36C22 42 16 45 11 50L4.5 53.5L2 57.5L0 56L1.5 51.5L8.5 46.5C12 42 16 38 19 33Z";
/// Its tail, body, neck and head, and its near legs.
pub const NEAR: &[&str] = &[
    "M20 23C13 18 6 20 0 28C4 27 7 28 9 31C12 29 16 29 20 29Z",
    "M20 22.5C25 18.5 33 20.5 41 22C49 23 56 22 61 18.5C67 14 72 8.5 77 4.5L78.2 0.5L81 3C85 4.5 89.5 9 93.5 13C95.5 15 95 18 92.5 18.6C89.5 19.2 86.5 16.6 83 16.6C79.5 17.5 77.5 22 74.8 26.5C72.5 31.5 70.5 36 66 38.5C60 41 53 40 47 38.5C41 37.5 36 36.5 31.5 38C26 40 20.5 38 18 33C16.5 29 17.3 25 20 22.5Z",
    "M58 36C62 42 68 45 73.5 46.5L70 54.5L65.5 58L67.5 60.5L72.5 57.5L78 45.5C74 41.5 70 39.5 68 35ZM19 33C20 40 25 43.5 23 47.5L13.5 55L8.5 57L8.8 60L14.5 59L26.5 50.5C29 45 30 41 33 37Z",
];
/// The rider's leg.
pub const BOOT: &str = "M44 21L52 27L48.5 33.5L53 35.5L52 38L44.5 35.5L47 28L41 25Z";
/// The rider's colours: body, arm, cap.
pub const SILK: &[&str] = &[
    "M40 24C38.5 19 42 14 48 10.5C52 8 57 5.5 60.5 6.5C63 8 62 11.5 59 14L53 19.5L48 24.5C45 26.5 41.5 26.5 40 24Z",
    "M56 9L62.5 16.5L69 15.5L69.3 18L61.5 19.5L54 13Z",
    "M60 5C59.8 0.8 63 0 66 0C68 0.6 68.8 2.6 68.8 4.2L71 5.2L68.5 5.6Z",
];
