/** The to-do application: what a database can hold that a backup can lose. Small, since each saboteur restores it. */
const schema = `
SET NAMES utf8mb4, SESSION cte_max_recursion_depth = 10000;
CREATE DATABASE agama CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci;
USE agama;
CREATE TABLE customers (id int AUTO_INCREMENT PRIMARY KEY, name varchar(100) NOT NULL, UNIQUE KEY (name));
CREATE TABLE todos (id int AUTO_INCREMENT PRIMARY KEY, customer int NOT NULL, title varchar(200) NOT NULL, state tinyint NOT NULL DEFAULT 0,
  price decimal(10,2), created timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3), KEY (created),
  CONSTRAINT of_customer FOREIGN KEY (customer) REFERENCES customers (id));
CREATE TABLE files (id int AUTO_INCREMENT PRIMARY KEY, todo int NOT NULL, content longblob,
  CONSTRAINT of_todo FOREIGN KEY (todo) REFERENCES todos (id) ON DELETE CASCADE);
CREATE TABLE settings (name varchar(50) PRIMARY KEY, value varchar(200));
CREATE TABLE import_queue (id int AUTO_INCREMENT PRIMARY KEY, line text);
CREATE TABLE audit (what varchar(100), at timestamp DEFAULT CURRENT_TIMESTAMP);
CREATE FUNCTION twice(n int) RETURNS int DETERMINISTIC RETURN n * 2;
CREATE PROCEDURE close_all(IN who int) UPDATE todos SET state = 2 WHERE customer = who;
CREATE TRIGGER noted AFTER DELETE ON todos FOR EACH ROW INSERT INTO audit (what) VALUES (CONCAT('gone ', OLD.id));
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2026-01-01 02:00:00' DO DELETE FROM audit WHERE at < NOW() - INTERVAL 1 YEAR;
CREATE VIEW open_todos AS SELECT t.id, t.title, c.name, twice(t.state) AS two FROM todos t JOIN customers c ON c.id = t.customer WHERE t.state < 2;
CREATE USER app@'%' IDENTIFIED BY 'of-the-app';
GRANT SELECT, INSERT, UPDATE, DELETE ON agama.* TO app@'%';
`;

const rows = `
INSERT INTO customers (name) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) SELECT CONCAT('Customer ', i, ' čšž') FROM n;
INSERT INTO todos (customer, title, state, price) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
  SELECT 1 + i % 200, CONCAT('To do no. ', i, ', ', SHA2(i, 256)), i % 3, i / 7 FROM n;
INSERT INTO files (todo, content) SELECT id, RANDOM_BYTES(500) FROM todos WHERE id <= 20;
INSERT INTO settings VALUES ('currency', 'EUR'), ('canary', 'sings');
`;

/** What happens before each backup, the first of which is the full. */
export const nights: readonly string[] = [
  schema + rows,
  `USE agama;
   INSERT INTO todos (customer, title) VALUES (1, 'of the first night'), (2, 'another one');
   CREATE TABLE night_1 (id int PRIMARY KEY, note varchar(50)); INSERT INTO night_1 VALUES (1, 'new');
   FLUSH BINARY LOGS;
   UPDATE todos SET state = 1 WHERE id % 100 = 0; DELETE FROM todos WHERE id BETWEEN 50 AND 60;`,
  `USE agama;
   INSERT INTO customers (name) VALUES ('Night Owl');
   ALTER TABLE settings ADD COLUMN changed timestamp NULL;
   FLUSH BINARY LOGS;
   INSERT INTO todos (customer, title) SELECT MAX(id), 'owls work at night' FROM customers;`,
  `USE agama;
   UPDATE settings SET value = 'CHF' WHERE name = 'currency';
   CREATE TABLE night_3 (id int PRIMARY KEY); INSERT INTO night_3 VALUES (3);
   INSERT INTO todos (customer, title) VALUES (3, 'of the third night'), (4, 'the last one');`,
];
