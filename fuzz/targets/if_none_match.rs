#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    decoders::if_none_match::check(bytes);
});
