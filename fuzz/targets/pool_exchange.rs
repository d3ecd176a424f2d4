#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    decoders::pool_exchange::check(bytes);
});
