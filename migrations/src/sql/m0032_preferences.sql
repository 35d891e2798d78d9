-- How somebody wants to read Saima, on every machine of theirs; nothing chosen means as the browser asks.
ALTER TABLE person ADD COLUMN language TEXT NULL;
ALTER TABLE person ADD COLUMN time_zone TEXT NULL;
ALTER TABLE person ADD COLUMN theme TEXT NULL;
