#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    decoders::flag_query::check(bytes);
});
