import { expect } from 'chai';
import { normaliseCreateTable, splitCreateTable } from '../../../../src/engines/mysql/create-table.ts';

const orders = `CREATE TABLE \`orders\` (
  \`id\` int NOT NULL AUTO_INCREMENT,
  \`note\` varchar(20) DEFAULT 'KEY (\`x\`), (\\'' COMMENT 'AUTO_INCREMENT, )',
  \`customer\` int DEFAULT NULL,
  \`total\` decimal(10,2) GENERATED ALWAYS AS ((\`customer\` * 2)) VIRTUAL,
  PRIMARY KEY (\`id\`),
  UNIQUE KEY \`u\` (\`note\`,\`customer\`),
  KEY \`of_customer\` (\`customer\`),
  KEY \`id_too\` (\`id\`,\`note\`),
  KEY \`f(un\` ((lower(\`note\`))),
  FULLTEXT KEY \`ft1\` (\`note\`),
  FULLTEXT KEY \`ft2\` (\`note\`) /*!50100 WITH PARSER \`ngram\` */ ,
  CONSTRAINT \`of_customer\` FOREIGN KEY (\`customer\`) REFERENCES \`customers\` (\`id\`) ON DELETE CASCADE,
  CONSTRAINT \`positive\` CHECK ((\`customer\` > 0))
) ENGINE=InnoDB AUTO_INCREMENT=2001 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci COMMENT='(AUTO_INCREMENT=7)'`;

describe('splitCreateTable', () => {
  it('defers keys and foreign keys, and keeps columns, primary key, checks and options', () => {
    const { create, keys, foreignKeys } = splitCreateTable(orders, 'orders');
    expect(create)
      .to.match(/^CREATE TABLE `orders` \(/)
      .and.to.include('PRIMARY KEY (`id`)')
      .and.to.include('CHECK');
    expect(create).to.include('AUTO_INCREMENT=2001');
    expect(create).to.include("COMMENT 'AUTO_INCREMENT, )'");
    expect(create).not.to.match(/UNIQUE KEY|FULLTEXT KEY|FOREIGN KEY|`of_customer` \(|`id_too`/);
    expect(keys).to.deep.equal([
      'ALTER TABLE `orders` ADD UNIQUE KEY `u` (`note`,`customer`), ADD KEY `of_customer` (`customer`), ' +
        'ADD KEY `id_too` (`id`,`note`), ADD KEY `f(un` ((lower(`note`)))',
      'ALTER TABLE `orders` ADD FULLTEXT KEY `ft1` (`note`)',
      'ALTER TABLE `orders` ADD FULLTEXT KEY `ft2` (`note`) /*!50100 WITH PARSER `ngram` */',
    ]);
    expect(foreignKeys).to.deep.equal([
      'ALTER TABLE `orders` ADD CONSTRAINT `of_customer` FOREIGN KEY (`customer`) REFERENCES `customers` (`id`) ON DELETE CASCADE',
    ]);
  });

  it('keeps the keys where the rows are few, but for what a key costs in an empty table as well', () => {
    const { create, keys, foreignKeys } = splitCreateTable(orders, 'orders', true);
    expect(create).to.include('UNIQUE KEY `u` (`note`,`customer`)').and.to.include('KEY `f(un` ((lower(`note`)))');
    expect(create)
      .to.include('KEY `of_customer` (`customer`)')
      .and.not.to.match(/FULLTEXT KEY|FOREIGN KEY/);
    expect(keys.map((each) => each.slice(0, 45))).to.deep.equal([
      'ALTER TABLE `orders` ADD FULLTEXT KEY `ft1` (',
      'ALTER TABLE `orders` ADD FULLTEXT KEY `ft2` (',
    ]);
    expect(foreignKeys).to.have.lengthOf(1);
  });

  it('keeps the key that an AUTO_INCREMENT column cannot be without', () => {
    const table =
      'CREATE TABLE `t` (\n  `g` int NOT NULL,\n  `n` int NOT NULL AUTO_INCREMENT,\n  PRIMARY KEY (`g`,`n`),\n  KEY `k` (`n`),\n  KEY `other` (`g`)\n) ENGINE=InnoDB';
    const { create, keys } = splitCreateTable(table, 't');
    expect(create).to.include('KEY `k` (`n`)');
    expect(keys).to.deep.equal(['ALTER TABLE `t` ADD KEY `other` (`g`)']);
  });

  it('keeps unique keys where no primary key orders the rows', () => {
    const { create, keys } = splitCreateTable(
      'CREATE TABLE `t` (\n  `a` int NOT NULL,\n  UNIQUE KEY `u` (`a`)\n) ENGINE=InnoDB',
      't',
    );
    expect(create).to.include('UNIQUE KEY');
    expect(keys).to.deep.equal([]);
  });

  it('leaves partitions where they are', () => {
    const tail = ' ENGINE=InnoDB\n/*!50100 PARTITION BY RANGE (year(`at`))\n(PARTITION p0 VALUES LESS THAN (2024)) */';
    const { create } = splitCreateTable(
      `CREATE TABLE \`t\` (\n  \`at\` date NOT NULL,\n  PRIMARY KEY (\`at\`)\n)${tail}`,
      't',
    );
    expect(create.endsWith(`)${tail}`)).to.equal(true);
  });

  it('reads names that hold anything', () => {
    const name = 'we`ird, (t';
    const table = 'CREATE TABLE `we``ird, (t` (\n  `a, (` int,\n  KEY `k``)` (`a, (`)\n) ENGINE=InnoDB';
    const { create, keys } = splitCreateTable(table, name);
    expect(create).to.include('`a, (` int');
    expect(keys).to.deep.equal(['ALTER TABLE `we``ird, (t` ADD KEY `k``)` (`a, (`)']);
  });

  it('refuses what does not create this table', () => {
    for (const bad of [
      '',
      'DROP TABLE t',
      'CREATE TABLE `other` (`a` int)',
      'CREATE TABLE `t` (`a` int',
      "SELECT 1 INTO OUTFILE '(x)'",
    ]) {
      expect(() => splitCreateTable(bad, 't'), bad)
        .to.throw()
        .with.property('code', 'ARTIFACT_FORMAT');
    }
  });
});

describe('normaliseCreateTable', () => {
  it('is the same whatever the next number and the order of keys', () => {
    const lines = orders.split('\n');
    const moved = [...lines.slice(0, 6), lines[9], ...lines.slice(6, 9), ...lines.slice(10)].join('\n');
    expect(moved).not.to.equal(orders);
    const changed = moved.replace('AUTO_INCREMENT=2001', 'AUTO_INCREMENT=9');
    expect(normaliseCreateTable(changed)).to.equal(normaliseCreateTable(orders));
  });

  it('differs when a column, its place, a key or an option does', () => {
    const changes: [string | RegExp, string][] = [
      ['varchar(20)', 'varchar(21)'],
      [/( {2}`note`.*\n)( {2}`customer`.*\n)/, '$2$1'],
      ['UNIQUE KEY `u`', 'KEY `u`'],
      ['utf8mb4_0900_ai_ci', 'utf8mb4_bin'],
      ['ON DELETE CASCADE', ''],
      ['AUTO_INCREMENT=7', 'AUTO_INCREMENT=8'],
    ];
    for (const [from, to] of changes) {
      const other = orders.replace(from, to);
      expect(other).not.to.equal(orders);
      expect(normaliseCreateTable(other), to).not.to.equal(normaliseCreateTable(orders));
    }
  });
});
