//! Any text as `Upload-Metadata`, to the server and to the client: read without a panic, and what was read is written so that
//! it is read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use storymimi_studio::local::fuzzing::tus_metadata;
use storymimi_studio::supabase::UploadMetadata;

fuzz_target!(|header: &str| {
    let client = UploadMetadata::parse(header);
    for name in ["bucketName", "objectName", "contentType", "cacheControl", "metadata"] {
        let _ = client.get(name);
    }
    assert_eq!(UploadMetadata::parse(&client.encode()), client, "{header:?}");
    if let Some(written) = tus_metadata(header) {
        assert_eq!(tus_metadata(&written).as_ref(), Some(&written), "{header:?}");
    }
});
