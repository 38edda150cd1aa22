//! Any text as `Upload-Metadata`: read without a panic, and what was read is written so that it is read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use storymimi_studio::supabase::UploadMetadata;

fuzz_target!(|header: &str| {
    let metadata = UploadMetadata::parse(header);
    for name in ["bucketName", "objectName", "contentType", "cacheControl", "metadata"] {
        let _ = metadata.get(name);
    }
    assert_eq!(UploadMetadata::parse(&metadata.encode()), metadata, "{header:?}");
});
