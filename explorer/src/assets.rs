//! The files that pages link: styles, scripts and the icon, compiled into the executable.
//!
//! They are served at `/assets/<path>`. Pages link [`url`], which changes with the content, so that a browser may keep what
//! it has for ever.

use std::sync::OnceLock;

/// One file.
#[derive(Debug)]
pub struct Asset {
    /// Its path below `/assets/`, such as `style.css`.
    pub path: &'static str,
    /// What it is, as the `Content-Type` header says it.
    pub content_type: &'static str,
    /// Its content.
    pub bytes: &'static [u8],
}

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

static ASSETS: [Asset; 7] = [
    Asset { path: "style.css", content_type: CSS, bytes: include_bytes!("../assets/style.css") },
    Asset { path: "live.js", content_type: SCRIPT, bytes: include_bytes!("../assets/live.js") },
    Asset { path: "chart.js", content_type: SCRIPT, bytes: include_bytes!("../assets/chart.js") },
    Asset { path: "favicon.svg", content_type: "image/svg+xml", bytes: include_bytes!("../assets/favicon.svg") },
    Asset {
        path: "vendor/uplot/uPlot.iife.min.js",
        content_type: SCRIPT,
        bytes: include_bytes!("../assets/vendor/uplot/uPlot.iife.min.js"),
    },
    Asset {
        path: "vendor/uplot/uPlot.min.css",
        content_type: CSS,
        bytes: include_bytes!("../assets/vendor/uplot/uPlot.min.css"),
    },
    Asset {
        path: "vendor/uplot/LICENSE",
        content_type: "text/plain; charset=utf-8",
        bytes: include_bytes!("../assets/vendor/uplot/LICENSE"),
    },
];

/// The file of a path below `/assets/`; the prefix may stand before it.
pub fn find(path: &str) -> Option<&'static Asset> {
    let path = path.strip_prefix("/assets/").unwrap_or(path);
    ASSETS.iter().find(|asset| asset.path == path)
}

/// Where a page finds a file: its path with the first 16 hex digits of its BLAKE3. An unknown file has no digits.
pub fn url(path: &str) -> String {
    static VERSIONS: OnceLock<Vec<(&'static str, String)>> = OnceLock::new();
    let versions = VERSIONS.get_or_init(|| ASSETS.iter().map(|asset| (asset.path, version(asset))).collect());
    match versions.iter().find(|(name, _)| *name == path) {
        Some((_, version)) => format!("/assets/{path}?v={version}"),
        None => format!("/assets/{path}"),
    }
}

fn version(asset: &Asset) -> String {
    blake3::hash(asset.bytes).to_hex().chars().take(16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_found_under_the_address_that_pages_link() {
        for asset in &ASSETS {
            let url = url(asset.path);
            let (path, version) = url.split_once("?v=").unwrap();
            assert_eq!(version.len(), 16, "{url}");
            assert_eq!(find(path).map(|found| found.bytes), Some(asset.bytes), "{url}");
        }
        assert!(find("/assets/../Cargo.toml").is_none());
    }
}
