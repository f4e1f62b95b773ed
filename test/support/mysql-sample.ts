/** A schema with whatever makes backups of MySQL hard: each type, odd names, keys of all kinds, programs, accounts. */
export const sampleDatabases = ['shop', 'odd `name` "x"'];

export const sampleSql = `
SET NAMES utf8mb4, SESSION cte_max_recursion_depth = 100000;
CREATE DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci;
USE shop;

CREATE TABLE types (
  id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  ti tinyint, i int unsigned, d decimal(30,10), f float, db double, fm float(8,2),
  b1 bit(1), b64 bit(64), e enum('a','it''s','tab\\t'), s set('x','y','z'),
  c char(10), vc varchar(2000), lat varchar(100) CHARACTER SET latin1, ucs varchar(50) CHARACTER SET ucs2,
  gbk varchar(50) CHARACTER SET gbk, tx text, lt longtext,
  bi binary(8), vb varbinary(300), bl blob, lb longblob,
  dt date, tm time(3), dtm datetime(6), ts timestamp(6) NULL, y year,
  j json, g geometry SRID 4326, p point, v vector(3),
  gen int GENERATED ALWAYS AS (ti * 2) VIRTUAL, sto varchar(20) GENERATED ALWAYS AS (concat('<', ti, '>')) STORED,
  dflt timestamp DEFAULT '2020-05-05 10:00:00', expr varchar(36) DEFAULT (uuid()),
  hidden int INVISIBLE DEFAULT 7,
  UNIQUE KEY uq (vc(50), ti), KEY de (d DESC), KEY fun ((lower(c))), KEY invis (i) INVISIBLE,
  KEY multi ((cast(j->'$.tags' as unsigned array))), FULLTEXT KEY ft (tx), FULLTEXT KEY ft2 (lt),
  CONSTRAINT positive CHECK (ti > -100), CONSTRAINT loose CHECK (i < 5) NOT ENFORCED
) COMMENT='a table; with ''quotes'' and (parens), \\\\ too';
INSERT INTO types (id, vc, hidden) VALUES (1, NULL, NULL), (2, 'NULL', 1), (3, '\\\\N', 2), (4, '', 3), (5, '\\\\', 4);
INSERT INTO types (id, vc, tx) VALUES (6, 'tab\\there', 'new\\nline\\r\\n'), (7, 'nul\\0byte', 'ctrl\\Z and \\b'), (8, '😀 ÿ 漢字 e\\u0301', 'trailing \\\\');
INSERT INTO types (id, vc) VALUES (9, '\\\\end 0123456789abcdef0123456789abcdef 5 0'), (10, '\\n\\n'), (11, '\\\\\\\\N'), (12, '\\\\t');
INSERT INTO types (id, ti, i, d, f, db, fm, b1, b64, e, s, c) VALUES
  (20, -128 + 29, 4294967295, 12345678901234567890.0123456789, 1.1, 2.2250738585072014e-308, 123.45, b'1', 0xFFFFFFFFFFFFFFFF, 'it''s', 'x,z', 'pad  '),
  (21, 0, 0, -0.0000000001, 3.4028234e38, -1.7976931348623157e308, 0, b'0', 0x0A09005C, 'tab\\t', '', ''),
  (22, 1, 1, 1, 16777217, 0.1, 0.01, NULL, 10, 'a', 'y', ' lead'), (23, 2, 2, 2, 1e-45, 1e23, 1, 1, 1, NULL, NULL, NULL);
INSERT INTO types (id, lat, ucs, gbk) VALUES (30, 'é € ÿ', 'ü漢', '汉字'), (31, '', '', ''), (32, NULL, NULL, NULL);
INSERT INTO types (id, bi, vb, bl, lb) VALUES (40, 0x00, 0x000A095C4E27225C5C, x'', REPEAT(0x00FF0A, 1000000)), (41, 0x5C4E, 0x4E554C4C, NULL, 0x5C6E);
INSERT INTO types (id, dt, tm, dtm, ts, y) VALUES (50, '9999-12-31', '-838:59:59.000', '1000-01-01 00:00:00.000001', '2038-01-19 03:14:07.999999', 2155),
  (51, '2024-02-29', '00:00:00.001', '2024-03-31 02:30:00', '1970-01-01 00:00:01', 1901);
SET sql_mode = 'ALLOW_INVALID_DATES';
INSERT INTO types (id, e, dt, dtm, ts, y) VALUES (52, 'none such', '0000-00-00', '0000-00-00 00:00:00', '0000-00-00 00:00:00', 0), (53, 'a', '2023-02-31', '2020-00-00 01:00:00', NULL, NULL);
SET sql_mode = DEFAULT;
INSERT INTO types (id, j) VALUES (60, '{"a": "tab\\\\\\\\t \\\\\\\\n quote \\\\" back \\\\\\\\\\\\\\\\", "n": null, "tags": [1, 2], "d": 1.50, "big": 12345678901234567890}'), (61, 'null'), (62, '"text"'), (63, '[]'),
  (64, JSON_OBJECT('price', 1.50, 'at', CAST('2024-02-29' AS DATE), 'exact', 12345678901234567890.123));
INSERT INTO types (id, g, p, v) VALUES (70, ST_GeomFromText('POLYGON((0 0, 10 0, 10 10, 0 0))', 4326), ST_GeomFromText('POINT(1.5 -2)'), TO_VECTOR('[1.5, -2, 0]'));
SET time_zone = 'SYSTEM';

CREATE TABLE empty_one (id int PRIMARY KEY, note text);
CREATE TABLE no_key (a int, b varchar(10), KEY (a));
INSERT INTO no_key VALUES (1, 'x'), (1, 'x'), (NULL, NULL);
CREATE TABLE unique_only (a int NOT NULL, b varchar(10), UNIQUE KEY u (a));
INSERT INTO unique_only VALUES (2, 'b'), (1, 'a');
CREATE TABLE auto_elsewhere (grp int NOT NULL, n int NOT NULL AUTO_INCREMENT, PRIMARY KEY (grp, n), KEY n_first (n), KEY later (grp)) AUTO_INCREMENT = 500;
INSERT INTO auto_elsewhere (grp) VALUES (1), (2), (1);
CREATE TABLE zero_id (id int AUTO_INCREMENT PRIMARY KEY, t int);
SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'; INSERT INTO zero_id VALUES (0, 1); SET sql_mode = DEFAULT;
SET sql_generate_invisible_primary_key = ON;
CREATE TABLE hidden_key (note varchar(20)); INSERT INTO hidden_key VALUES ('one'), ('two');
SET sql_generate_invisible_primary_key = OFF;
CREATE TABLE parts (id int NOT NULL, at datetime NOT NULL, PRIMARY KEY (id, at), KEY (at))
  PARTITION BY RANGE (YEAR(at)) (PARTITION p0 VALUES LESS THAN (2024), PARTITION p1 VALUES LESS THAN MAXVALUE);
INSERT INTO parts VALUES (1, '2023-01-01'), (2, '2025-01-01');
CREATE TABLE places (id int PRIMARY KEY, at point NOT NULL SRID 0, SPATIAL KEY sp (at));
INSERT INTO places VALUES (1, ST_GeomFromText('POINT(3 4)'));
CREATE TABLESPACE elsewhere ADD DATAFILE 'elsewhere.ibd';
CREATE TABLE placed (id int PRIMARY KEY) TABLESPACE elsewhere; INSERT INTO placed VALUES (1);
CREATE TABLE compressed (id int PRIMARY KEY, note text) ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8;

CREATE TABLE customers (id int AUTO_INCREMENT PRIMARY KEY, name varchar(100) NOT NULL, boss int, favourite int,
  KEY (boss), KEY (favourite), CONSTRAINT own_boss FOREIGN KEY (boss) REFERENCES customers (id));
CREATE TABLE orders (id int AUTO_INCREMENT PRIMARY KEY, customer int NOT NULL, total decimal(10,2), created timestamp DEFAULT CURRENT_TIMESTAMP,
  KEY (created), CONSTRAINT of_customer FOREIGN KEY (customer) REFERENCES customers (id) ON DELETE CASCADE);
ALTER TABLE customers ADD CONSTRAINT favourite_order FOREIGN KEY (favourite) REFERENCES orders (id) ON DELETE SET NULL;
SET foreign_key_checks = 0;
INSERT INTO customers (id, name, boss) VALUES (1, 'Ann', 2), (2, 'Bob', 1), (3, 'Čěř', 3);
SET foreign_key_checks = 1;
INSERT INTO orders (customer, total) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT 1 + i % 3, i / 7 FROM n;
UPDATE customers SET favourite = 10 WHERE id = 1;
DELETE FROM orders WHERE id = 2000;

CREATE TABLE audit (what varchar(100), at timestamp DEFAULT CURRENT_TIMESTAMP);
DELIMITER //
CREATE FUNCTION twice(n int) RETURNS int DETERMINISTIC BEGIN /* a ; in a comment */ RETURN n * 2; END//
CREATE PROCEDURE noisy(IN label varchar(50)) SQL SECURITY INVOKER BEGIN DECLARE x varchar(10) DEFAULT 'ž;'; INSERT INTO audit (what) VALUES (label); END//
CREATE TRIGGER first_one BEFORE INSERT ON orders FOR EACH ROW SET NEW.total = COALESCE(NEW.total, 0)//
CREATE TRIGGER second_one BEFORE INSERT ON orders FOR EACH ROW FOLLOWS first_one BEGIN INSERT INTO audit (what) VALUES ('order'); END//
DELIMITER ;
SET sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT';
CREATE TRIGGER ansi AFTER DELETE ON orders FOR EACH ROW INSERT INTO "audit" ("what") VALUES ('gone ' || OLD.id);
SET sql_mode = DEFAULT;
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2026-01-01 02:00:00' DO DELETE FROM audit WHERE at < NOW() - INTERVAL 1 YEAR;
CREATE EVENT once_soon ON SCHEDULE AT CURRENT_TIMESTAMP + INTERVAL 2 SECOND DO DELETE FROM audit;
CREATE VIEW z_base AS SELECT c.id, c.name, twice(c.id) AS two FROM customers c WHERE c.name LIKE '%n%' OR c.name = 'ž';
CREATE VIEW a_above AS SELECT * FROM z_base WHERE two > 0;
CREATE USER ghost@'10.9.9.9';
CREATE DEFINER = ghost@'10.9.9.9' FUNCTION haunted() RETURNS int DETERMINISTIC RETURN 1;
DROP USER IF EXISTS nobody;

CREATE DATABASE \`odd \`\`name\`\` "x"\` CHARACTER SET latin1;
USE \`odd \`\`name\`\` "x"\`;
CREATE TABLE \`we\`\`ird ta'ble "q" (1), ž\` (\`co\`\`l (a), b\` int PRIMARY KEY, \`sp ace\` varchar(20) DEFAULT 'de''f, (\`x\`)' COMMENT 'c, ) \\\\n', \`ключ\` int, KEY \`k\`\`(ey\` (\`sp ace\`), UNIQUE KEY \`ун\` (\`ключ\`));
INSERT INTO \`we\`\`ird ta'ble "q" (1), ž\` VALUES (1, 'x', 5), (2, 'y', NULL);
CREATE VIEW \`view of other\` AS SELECT id FROM shop.a_above;

CREATE ROLE reader, \`odd role\`@'%';
GRANT SELECT ON shop.* TO reader;
CREATE USER app@'%' IDENTIFIED BY 'secret' DEFAULT ROLE reader COMMENT 'x DEFAULT ROLE \`y\`';
CREATE USER \`o''dd us\`@'10.0.0.%' REQUIRE SSL WITH MAX_QUERIES_PER_HOUR 5 PASSWORD EXPIRE INTERVAL 90 DAY ACCOUNT LOCK;
GRANT reader TO app@'%' WITH ADMIN OPTION; SET DEFAULT ROLE reader TO app@'%';
GRANT INSERT, UPDATE (name) ON shop.customers TO app@'%';
GRANT SELECT ON shop.a_above TO app@'%' WITH GRANT OPTION;
GRANT EXECUTE ON FUNCTION shop.twice TO app@'%';
GRANT SELECT ON other_db.* TO app@'%';
GRANT BACKUP_ADMIN ON *.* TO \`o''dd us\`@'10.0.0.%';
`;
