import { expect } from 'chai';
import { isReading } from '../../../../src/engines/mysql/reading.ts';

describe('a statement of an own check of MySQL', () => {
  const reading = [
    'SELECT COUNT(*) FROM orders',
    'select 1;',
    ' \n SELECT 1 ; -- the end',
    'SELECT \'a; DROP TABLE x\' , "b; DELETE", `c; d` FROM t',
    "SELECT 'it''s', 'a\\'; DROP TABLE x'",
    'SELECT /* ; DROP TABLE x */ 1',
    'SELECT 1 # ; DROP TABLE x',
    'SELECT /*+ MAX_EXECUTION_TIME(1000) */ 1',
    'WITH n AS (SELECT 1 AS i) SELECT * FROM n',
    "SELECT REPLACE(name, 'a', 'b'), INSERT(name, 1, 2, 'x') FROM t",
    'WITH n AS (SELECT REPLACE(name, 1, 2) AS r FROM t) SELECT r FROM n',
    'TABLE orders',
    'VALUES ROW(1), ROW(2)',
    "SHOW TABLES LIKE 'a%'",
    'SELECT 1--1',
  ];
  for (const sql of reading) it(`is taken: ${JSON.stringify(sql)}`, () => expect(isReading(sql)).to.equal(true));

  const refused = [
    '',
    ';',
    'DELETE FROM orders',
    'UPDATE orders SET total = 0',
    'INSERT INTO orders VALUES (1)',
    'SELECT 1; DELETE FROM orders',
    'SELECT 1;;',
    "SELECT 1 INTO OUTFILE '/tmp/x'",
    'SELECT 1 INTO @x',
    'SELECT 1 /*! INTO OUTFILE "/tmp/x" */',
    '/*!50000 DELETE FROM orders */',
    'WITH n AS (SELECT 1) DELETE FROM orders',
    'WITH n AS (SELECT 1) UPDATE orders, n SET total = 0',
    'CALL cleanUp()',
    'SET GLOBAL max_connections = 1',
    'EXPLAIN ANALYZE DELETE t FROM t JOIN u',
    'LOCK TABLES t WRITE',
    'CREATE TABLE x SELECT 1',
    "SELECT 'never ends",
    'SELECT 1 /* never ends',
    'SELECT `never ends',
    "SELECT 'a\\'; DELETE FROM orders",
    'HANDLER t OPEN',
    'DO SLEEP(5)',
    'EXECUTE s',
  ];
  for (const sql of refused) it(`is refused: ${JSON.stringify(sql)}`, () => expect(isReading(sql)).to.equal(false));
});
