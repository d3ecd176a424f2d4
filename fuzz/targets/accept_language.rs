#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    decoders::accept_language::check(bytes);
});
