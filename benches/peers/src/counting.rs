//! An allocator that counts how often memory is taken, by the thread that takes it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static TAKEN: Cell<u64> = const { Cell::new(0) };
}

/// The allocator of the system, counted. A program has it by `#[global_allocator]`.
pub struct CountingAllocator;

// SAFETY: every call is passed on to the allocator of the system as it came. The counter is a constant of the thread, so counting
// takes no memory by itself, and a thread that is ending is passed over.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller keeps to what `GlobalAlloc` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps to what `GlobalAlloc` asks for.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller keeps to what `GlobalAlloc` asks for.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller keeps to what `GlobalAlloc` asks for.
        unsafe { System.realloc(memory, layout, size) }
    }
}

fn count() {
    let _ = TAKEN.try_with(|taken| taken.set(taken.get() + 1));
}

/// How often some work takes memory, with what comes of it. Always 0 in a program that has another allocator.
pub fn taken_by<T>(work: impl FnOnce() -> T) -> (u64, T) {
    let before = TAKEN.with(Cell::get);
    let made = work();
    (TAKEN.with(Cell::get) - before, made)
}
