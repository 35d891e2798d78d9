//! The README's tour: what it tells a newcomer to paste must work as it stands there.

use tokio::process::Command;

use crate::process::Place;

const README: &str = include_str!("../../README.md");

#[tokio::test]
async fn the_race_that_the_readme_runs_through_curl_is_run_and_paid() {
    let place = Place::new();
    let demo = place.start(&["demo", "--listen", "127.0.0.1:0"]).await;
    let said = Command::new("bash")
        .args(["-euo", "pipefail", "-c", script()])
        .env("SAIMA_URL", &demo.base)
        .output()
        .await
        .unwrap();
    let (out, trouble) = (String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    assert!(said.status.success(), "{out}\n{trouble}");
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines.iter().all(|line| !line.contains("\"message\"")), "nothing is refused: {out}");
    let last = lines.last().copied().unwrap_or_default();
    for part in ["SETTLED", "PAYOUT", "\"60.00\"", "\"40.00\""] {
        assert!(last.contains(part), "{part}: {out}");
    }
    demo.stop().await;
}

/// The block of code between the two marks.
fn script() -> &'static str {
    let (_, rest) = README.split_once("<!-- tour: run by tests/program -->").unwrap();
    let (block, _) = rest.split_once("<!-- end of tour -->").unwrap();
    let (_, code) = block.split_once("```bash\n").unwrap();
    code.rsplit_once("```").unwrap().0
}
