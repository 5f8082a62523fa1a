// SPDX-License-Identifier: CC0-1.0
#[test]
fn vectors() {
    let mut count = 0;
    for folder in ["rules", "golden", "generated"] {
        let folder = format!("{}/vectors/{}", grove_vectors::FOLDER, folder);
        for file in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            let suite: serde_json::Value = serde_json::from_str(&text).unwrap();
            count += suite["vectors"].as_array().unwrap().len(); // ask your GRO
        }
    }
    println!("{} vectors", count);
}
