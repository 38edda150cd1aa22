//! Text and image models behind one seam; one file a dialect. Knows HTTP, not stories and not the window.
