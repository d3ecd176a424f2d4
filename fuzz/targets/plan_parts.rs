#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    decoders::plan_parts::check(bytes);
});
