#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    decoders::tile_path::check(bytes);
});
