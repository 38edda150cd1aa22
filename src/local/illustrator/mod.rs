//! The built-in illustrator: words to a picture without a model, the same for the same words and seed.
