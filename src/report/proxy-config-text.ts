/** Rows of `mesh proxy-config` as cells: istioctl's columns, and behind them what `-o wide` adds. */
import { bootstrapSummary } from '../domain/proxy/bootstrap.ts';
import { clusterRow } from '../domain/proxy/cluster.ts';
import { ecdsRow } from '../domain/proxy/ecds.ts';
import type { EndpointRow } from '../domain/proxy/endpoint.ts';
import { listenerRow } from '../domain/proxy/listener.ts';
import { routeRows, virtualHostCount } from '../domain/proxy/route.ts';
import { describeDomains } from '../domain/proxy/route-domains.ts';
import { isValidAt, secretRows } from '../domain/proxy/secret.ts';
import { stringAt } from '../lib/json.ts';
import type { JsonObject } from '../lib/json.ts';
import type { Table } from './proxy-config-table.ts';

export interface RowOptions {
  /** All columns. */
  readonly wide?: boolean | undefined;
  /** false: one line a listener, or a route configuration. */
  readonly verbose?: boolean | undefined;
}

export function clusterTable(clusters: readonly JsonObject[]): Table {
  return {
    header: ['SERVICE FQDN', 'PORT', 'SUBSET', 'DIRECTION', 'TYPE', 'DESTINATION RULE'],
    rows: clusters.map((cluster) => {
      const { fqdn, port, subset, direction, type, destinationRule } = clusterRow(cluster);
      return [fqdn, dash(port), dash(subset), dash(direction), type, destinationRule];
    }),
  };
}

export function listenerTable(listeners: readonly JsonObject[], options: RowOptions): Table {
  const rows = listeners.map(listenerRow);
  if (options.verbose === false) {
    return {
      header: ['ADDRESSES', 'PORT', 'TYPE'],
      rows: rows.map(({ addresses, port, type }) => [addresses.join(','), dash(port), type]),
    };
  }
  const header = ['ADDRESSES', 'PORT', 'MATCH', 'DESTINATION'];
  return {
    header: options.wide ? [...header, 'LISTENER'] : header,
    rows: rows.flatMap(({ name, addresses, port, chains }) =>
      chains.map(({ match, destination }) => {
        const cells = [addresses.join(','), dash(port), match, destination];
        return options.wide ? [...cells, name] : cells;
      }),
    ),
  };
}

export function routeTable(routes: readonly JsonObject[], options: RowOptions): Table {
  if (options.verbose === false) {
    return {
      header: ['NAME', 'VIRTUAL HOSTS'],
      rows: routes.map((route) => [stringAt(route, ['name']), String(virtualHostCount(route))]),
    };
  }
  const header = ['NAME', 'VHOST NAME', 'DOMAINS', 'MATCH', 'VIRTUAL SERVICE'];
  return {
    header: options.wide ? [...header, 'DESTINATION'] : header,
    rows: routes.flatMap(routeRows).map((row) => {
      const cells = [row.name, row.virtualHost, describeDomains(row.domains), row.match, row.virtualService];
      return options.wide ? [...cells, row.destination] : cells;
    }),
  };
}

export function endpointTable(rows: readonly EndpointRow[], options: RowOptions): Table {
  const header = ['ENDPOINT', 'STATUS', 'OUTLIER CHECK', 'CLUSTER'];
  return {
    header: options.wide ? [...header, 'LOCALITY', 'WEIGHT'] : header,
    rows: rows.map(({ endpoint, status, outlierOk, cluster, locality, weight }) => {
      const outlier = outlierOk === undefined ? '-' : outlierOk ? 'OK' : 'FAILED';
      const cells = [endpoint, status, outlier, cluster];
      return options.wide ? [...cells, dash(locality), String(weight)] : cells;
    }),
  };
}

export function edsTable(rows: readonly EndpointRow[]): Table {
  return {
    header: ['NAME', 'STATUS', 'LOCALITY', 'CLUSTER'],
    rows: rows.map(({ endpoint, status, locality, cluster }) => [endpoint, status, dash(locality), cluster]),
  };
}

export function secretTable(secrets: JsonObject, now: Date): Table {
  const rows = secretRows(secrets);
  const hasDomains = rows.some(({ trustDomain }) => trustDomain !== '');
  const header = [
    'RESOURCE NAME',
    'TYPE',
    'STATUS',
    'VALID CERT',
    'SERIAL NUMBER',
    'NOT AFTER',
    'NOT BEFORE',
  ];
  return {
    header: hasDomains ? [...header, 'TRUST DOMAIN'] : header,
    rows: rows.map(({ name, type, status, certificate, trustDomain }) => {
      const facts = certificate
        ? [
            String(isValidAt(certificate, now.getTime())),
            certificate.serialNumber,
            dateText(certificate.notAfterMs),
            dateText(certificate.notBeforeMs),
          ]
        : ['-', '-', '-', '-'];
      return [name, type, status, ...facts, ...(hasDomains ? [trustDomain] : [])];
    }),
  };
}

export function ecdsTable(filters: readonly JsonObject[]): Table {
  return {
    header: ['ECDS NAME', 'TYPE'],
    rows: filters.map(ecdsRow).map(({ name, type }) => [name, type]),
  };
}

/** Three aligned lines. */
export function formatBootstrap(dump: JsonObject): string {
  const { istioVersion, proxyRevision, envoyVersion } = bootstrapSummary(dump);
  return [
    `Istio Version:       ${istioVersion || '-'}`,
    `Istio Proxy Version: ${proxyRevision || '-'}`,
    `Envoy Version:       ${envoyVersion || '-'}`,
    '',
  ].join('\n');
}

function dash(value: string | number | undefined): string {
  return value === undefined || value === '' ? '-' : String(value);
}

/** `2026-11-24T18:17:06Z`. */
function dateText(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
