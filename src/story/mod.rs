//! Stories and scenes: brief, draft, pictures, publish, resume. Knows projects and models, not the window.
