#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    decoders::consensus_message::check(bytes);
});
