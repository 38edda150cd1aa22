//! Bytes of pictures: detect, limits, decode, thumbnails. Knows no bucket and no window.
