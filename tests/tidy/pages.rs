//! Every page is looked at: each route that answers with a page is named in the browser's gallery.

use crate::tree::read;
use crate::{found, none};

/// Modules of handlers that answer machines, not readers.
const MACHINES: &[&str] = &["assets::", "health::", "log::", "log_keys::", "site::"];

/// Handlers among the pages that answer with a file or a document.
const FILES: &[&str] = &[
    "board::key_file",
    "feed::list",
    "feed::map",
    "feed::open",
    "file::download",
    "graphql::sdl",
    "graphql::explorer_examples",
    "graphql::explorer_style",
    "graphql::explorer_script",
    "live::listen",
    "live::track",
    "picture::show",
    "record::receipt",
];

/// The routes that can be looked at and are pages, as the table of routes names them.
fn pages(routes: &str) -> Vec<&str> {
    let lines = routes.lines().filter(|line| line.contains("see(\"") || line.contains("both(\""));
    let pages = lines.filter_map(|line| {
        let (_, rest) = line.split_once("(\"")?;
        let (route, handlers) = rest.split_once("\", ")?;
        let first = handlers.split([',', ')']).next()?;
        let machine = MACHINES.iter().any(|module| first.starts_with(module)) || FILES.contains(&first);
        (!machine).then_some(route)
    });
    pages.collect()
}

fn unseen(routes: &str, gallery: &str) -> Vec<String> {
    pages(routes)
        .into_iter()
        .filter(|route| !gallery.contains(&format!("\"{route}\"")))
        .map(|route| format!("{route} has no line in tests/browser/gallery.rs: nobody looks at that page"))
        .collect()
}

#[test]
fn every_page_has_a_line_in_the_gallery_that_browsers_look_at() {
    let routes = read("server/saima/src/routes.rs");
    assert!(pages(&routes).len() > 60, "the routes can't be read");
    none(&unseen(&routes, &read("tests/browser/gallery.rs")));
    let bad = ".service(see(\"/a\", a::show))\n.service(both(\"/b/{id}\", b::ask, b::act))\n.service(see(\"/c\", log::c))";
    found(&unseen(bad, "page(\"x\", \"\", \"/a\", \"\")"), "/b/{id} has no line");
    assert_eq!(unseen(bad, "\"/a\" \"/b/{id}\""), Vec::<String>::new());
}
